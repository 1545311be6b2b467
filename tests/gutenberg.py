"""Ebooks as Project Gutenberg dresses them."""


def an_ebook(body: str, title: str = "SONGS OF THE WEIR") -> str:
    """`body` between the header and the license, with Windows' line ends as there."""
    text = f"""The Project Gutenberg eBook of {title.title()}

This ebook is for the use of anyone anywhere in the United States and
most other parts of the world at no cost and with almost no restrictions.

Title: {title.title()}

Author: Ann Fenn

Release date: May 1, 2009 [eBook #1]


*** START OF THE PROJECT GUTENBERG EBOOK {title} ***




{body}




*** END OF THE PROJECT GUTENBERG EBOOK {title} ***

Updated editions will replace the previous one--the old editions will
be renamed.

Section 1. General Terms Of Use
And Redistributing Works
"""
    return "\ufeff" + text.replace("\n", "\r\n")
