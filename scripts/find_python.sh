#!/bin/sh
# Print the first Python 3.11 or newer: $PYTHON, or one on the PATH.
set -eu
for python in "${PYTHON:-python3}" python3 python3.15 python3.14 python3.13 python3.12 python3.11; do
    if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        echo "$python"
        exit 0
    fi
done
echo "找不到 Python 3.11 或更新版本，请先安装 / No Python 3.11 or newer found; install one first" >&2
exit 1
