"""The pictures of a result: numbers first, drawn from them, kept in one file per run.

Reading order: `crowd` (the opinion map, small cells left blank) and `figures` (everything that the
spec document tells) give plain numbers; `charts` lays them out; `kit` holds the one visual language
and turns marks into SVG; `album` writes and reads the file. A page's table is made of the same
numbers as the picture beside it.

The SVG holds letters, numbers and citizens' words only. Whatever has to be translated stands in
HTML around it, so that one picture serves readers of every language, and a new language or a better
translation needs no new analysis.
"""
