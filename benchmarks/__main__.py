"""`make bench`: how fast the queue and the local editor are here, as a Markdown table."""

from __future__ import annotations

from benchmarks import local_editor, queue


def main() -> None:
    print("| what | figure |\n|---|---|")
    for measure in (queue.measure, local_editor.measure):
        for what, figure in measure():
            print(f"| {what} | {figure} |")


if __name__ == "__main__":
    main()
