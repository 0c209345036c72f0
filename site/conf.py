"""How Sphinx makes the course's pages. tools/website.py gathers the sources and calls it."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]  # this file is used as a copy in build/site-source
_project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

project = "Convolutional networks"
author = "The course's authors"
copyright = "The course's authors. Text and figures: CC BY 4.0, code: MIT"
version = release = _project["version"]
language = "en"

extensions = ["myst_nb", "sphinx_copybutton", "sphinx_design"]
exclude_patterns = ["_build"]
nb_execution_mode = "off"  # the pages show the stored outputs
nb_render_markdown_format = "myst"
nb_merge_streams = True
nb_code_prompt_show = "Show the code"  # of cells that only draw
nb_code_prompt_hide = "Hide the code"
nb_ipywidgets_js = {}  # a page has no kernel: no sliders, and nothing to fetch for them
myst_enable_extensions = ["dollarmath", "colon_fence"]
myst_heading_anchors = 4
myst_links_external_new_tab = False
copybutton_prompt_text = r">>> |\$ "
copybutton_prompt_is_regexp = True
mathjax_path = "mathjax/tex-svg.js"  # copied by tools/website.py: works without a network
mathjax3_config = {"svg": {"fontCache": "global"}, "options": {"enableMenu": False}}

html_theme = "sphinx_book_theme"
html_title = project
html_favicon = "_static/kernel.svg"
html_logo = "_static/kernel.svg"
html_static_path = ["_static"]
html_extra_path = ["extra"]
html_css_files = ["course.css"]
html_show_sourcelink = False
html_context = {"default_mode": "auto"}  # light or dark, as the reader's system
html_theme_options = {
    "logo": {"text": project, "alt_text": ""},
    "use_download_button": True,
    "navbar_persistent": [],  # the search stands in the sidebar already
    "show_toc_level": 2,
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
if _repository := _project.get("urls", {}).get("Repository"):  # no button leads nowhere
    html_theme_options |= {
        "repository_url": _repository,
        "repository_branch": f"v{version}",
        "path_to_docs": "",
        "use_repository_button": True,
        "launch_buttons": {
            "colab_url": "https://colab.research.google.com",
            "binderhub_url": "https://mybinder.org",
            "notebook_interface": "jupyterlab",
        },
    }
