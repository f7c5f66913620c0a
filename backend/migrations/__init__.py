"""Schema migrations, oldest first in ``versions/``; expand first, contract in a later release."""
