"""Ebooks as Project Gutenberg dresses them."""


def an_ebook(body: str, title: str = "SONGS OF THE WEIR") -> str:
    """`body` between the header and the license, with Windows' line ends as there."""
    header = f"The Project Gutenberg eBook of {title.title()}\n\nTitle: {title.title()}\n\nAuthor: Ann Fenn"
    footer = "Updated editions will replace the previous one.\n\nSection 1. General Terms Of Use\n"
    start, end = (f"*** {mark} OF THE PROJECT GUTENBERG EBOOK {title} ***" for mark in ("START", "END"))
    text = "\n\n\n\n".join((header, start, body, end, footer))
    return "\ufeff" + text.replace("\n", "\r\n")
