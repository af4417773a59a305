"""Numbers, amounts, dates and times in Chinese and English text, in one canonical form."""
