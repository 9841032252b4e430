"""`make bench`: every benchmark in turn."""

from tests.benchmarks import (
    bench_kiosk,
    bench_offline,
    bench_printing,
    bench_screens,
    bench_search,
    bench_server,
    bench_voice,
)

if __name__ == "__main__":
    bench_server.main()
    bench_printing.main()
    bench_offline.main()
    bench_search.main()
    bench_kiosk.main()
    bench_voice.main()
    bench_screens.main([])
