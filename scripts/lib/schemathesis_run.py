"""Has schemathesis try what the OpenAPI document says, and what it forbids, on a server. See scripts/test."""

import argparse
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import urllib.request

import resources
import servers


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--martlet", required=True)
    parser.add_argument("--seconds", type=int, default=os.environ.get("MARTLET_TEST_SCHEMATHESIS_SECONDS", "90"))
    parser.add_argument("--seed", type=int, default=os.environ.get("MARTLET_TEST_SEED", str(random.getrandbits(32))))
    options = parser.parse_args()

    print(f"MARTLET_TEST_SEED={options.seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="martlet-schemathesis-") as folder:
        server = servers.martlet(options.martlet, folder, resources.configuration(folder))
        try:
            server.start()
            sys.exit(run(server, pathlib.Path(folder), options))
        finally:
            server.stop()


def run(server, folder, options):
    base = f"http://{servers.HOST}:{server.port}"
    document = folder / "openapi.json"
    document.write_bytes(urllib.request.urlopen(f"{base}/openapi.json").read())
    command = [pathlib.Path(sys.executable).with_name("st"), "--config-file", os.devnull, "run", document, "--url", base]
    command += ["--mode", "all", "--checks", "all", "--phases", "examples,coverage,fuzzing,stateful"]
    command += ["--max-time", str(options.seconds), "--seed", str(options.seed)]
    command += ["--no-color", "--output-sanitize", "false", "--output-truncate", "false"]
    hooks = pathlib.Path(__file__).with_name("schemathesis_hooks.py")
    environment = os.environ | {"SCHEMATHESIS_HOOKS": hooks.stem, "PYTHONPATH": str(hooks.parent)}
    # It keeps in the working directory what it has found.
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    if done.returncode != 0:
        print(done.stdout, done.stderr)
    return done.returncode


main()
