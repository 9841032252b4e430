"""What must be in the environment before Kivy is imported, because Kivy reads it while being imported."""

import ctypes
import os
from contextlib import suppress
from pathlib import Path

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8  # malloc.h of glibc
LARGE = 64 * 1024  # bytes
MADV_DONTNEED = 4  # madvise(2)


def has_display() -> bool:
    """Whether a window can be seen here. Only Linux can lack that."""
    return os.name == "nt" or any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER"))


def configure_malloc() -> None:
    """Large pieces of memory go back to the system when they are freed (glibc only).

    Drawn in software, each text is a large piece of the process's own memory, made and freed while it is fitted. Left
    to itself the allocator keeps the holes: 400 MiB instead of 360 after twenty visits.
    """
    with suppress(OSError, AttributeError):
        mallopt = ctypes.CDLL(None).mallopt
        for parameter, value in ((M_ARENA_MAX, 1), (M_MMAP_THRESHOLD, LARGE), (M_TRIM_THRESHOLD, LARGE)):
            mallopt(parameter, value)


def release_llvm_memory() -> None:
    """The code of LLVM leaves this process's memory until it is needed again (Linux, drawing in software only).

    LLVM compiles the shaders when something is first drawn. Afterwards 48 MiB of its code would stay mapped for
    nothing; they are pages of a file, and come back from the system's cache when a shader is new.
    """
    with suppress(OSError, AttributeError):
        madvise = ctypes.CDLL(None).madvise
        for line in Path("/proc/self/maps").read_text().splitlines():
            if "libLLVM" in line and " r-xp " in line:
                start, end = (int(place, 16) for place in line.split()[0].split("-"))
                madvise(ctypes.c_void_p(start), ctypes.c_size_t(end - start), MADV_DONTNEED)


def prepare(*, width: int, height: int, fullscreen: bool, data_dir: Path) -> None:
    """A window of this kind, no configuration files of Kivy's, its log in ours."""
    configure_malloc()
    if not has_display():
        os.environ["SDL_VIDEODRIVER"] = "offscreen"
    os.environ |= {
        # SDL would turn SIGTERM into a request to close the window, which a kiosk refuses.
        "SDL_NO_SIGNAL_HANDLERS": "1",
        "KIVY_NO_ARGS": "1",
        "KIVY_NO_CONFIG": "1",
        "KIVY_NO_FILELOG": "1",
        "KIVY_LOG_MODE": "PYTHON",
        "KIVY_WINDOW": "sdl2",  # Kivy's other windows end the process where SDL has found none
        "KIVY_HOME": str((data_dir / "kivy").absolute()),
        "KCFG_KIVY_LOG_LEVEL": "warning",
        "KCFG_KIVY_EXIT_ON_ESCAPE": "0",
        "KCFG_INPUT_MOUSE": "mouse,disable_multitouch",
        "KCFG_GRAPHICS_WIDTH": str(width),
        "KCFG_GRAPHICS_HEIGHT": str(height),
        "KCFG_GRAPHICS_FULLSCREEN": "auto" if fullscreen else "0",
        # Without a window manager (a bare X server) SDL cannot fill the screen: size and place must do it.
        "KCFG_GRAPHICS_POSITION": "custom" if fullscreen else "auto",
        "KCFG_GRAPHICS_LEFT": "0",
        "KCFG_GRAPHICS_TOP": "0",
        "KCFG_GRAPHICS_SHOW_CURSOR": "0" if fullscreen else "1",
        "KCFG_GRAPHICS_ALLOW_SCREENSAVER": "0",
        "KCFG_GRAPHICS_MULTISAMPLES": "0",
    }
