"""The least that a typer program can be, to compare the start of a real one with."""

import typer


def main(name: str) -> None:
    """Greet."""
    typer.echo(f"hello {name}")


if __name__ == "__main__":
    typer.run(main)
