"""`python -m postcall`."""

from postcall.cli import main

if __name__ == "__main__":
    main()
