"""What the tools that read the OpenAPI document are tried on: users, and what config/examples and scripts/lib/declared
declare."""

import pathlib
import shutil

from servers import ROOT


def configuration(folder):
    """A configuration file in `folder`, with the resources beside it."""
    for source in ["config/examples", "scripts/lib/declared"]:
        shutil.copytree(ROOT / source, pathlib.Path(folder) / "resources", dirs_exist_ok=True)
    file = pathlib.Path(folder) / "martlet.yaml"
    file.write_text("resources: { use: [users, declared] }\n")
    return file
