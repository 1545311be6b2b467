"""Ebooks as Project Gutenberg dresses them."""


def an_ebook(body: str, title: str = "SONGS OF THE WEIR") -> str:
    """`body` between the header and the license, with Windows' line ends as there."""
    text = f"""The Project Gutenberg eBook of {title.title()}

Author: Ann Fenn


*** START OF THE PROJECT GUTENBERG EBOOK {title} ***




{body}




*** END OF THE PROJECT GUTENBERG EBOOK {title} ***

Section 1. General Terms Of Use
And Redistributing Works
"""
    return "\ufeff" + text.replace("\n", "\r\n")
