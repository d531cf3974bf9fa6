#!/bin/sh
# Prepare what a make target needs; see bootstrap.py.  Nothing has to be installed but Python.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
python=$("$here/find_python.sh")
exec "$python" "$here/bootstrap.py" "$@"
