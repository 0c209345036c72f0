"""The drawings behind data/samples: ``make samples`` writes them, bit for bit the same each time."""
