"""The WeChat Official Account: signed callbacks in, passive replies and API messages out."""
