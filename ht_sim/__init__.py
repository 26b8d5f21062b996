"""Simulations of dropout, batch norm and layer norm, and the site that shows them.

The map, in reading order; data flows one way, from top to bottom:

layers       the mathematics of each layer, forward and backward, in numpy
networks     layers stacked
training     networks trained, with their histories as arrays
experiments  one file an experiment: a grid, ``simulate`` and ``facts``
figures      one file a figure: controls, ``draw``, caption and alternative text
publish      results and content to pages

Beside them stand leaves, which import nothing of this package: ``theory`` (closed
forms), ``estimates`` (intervals and the words that follow from them), ``data`` (the
digits), ``colours`` (on which ``style`` and ``look`` build: how figures are drawn) and
``problems`` (messages). ``engine`` decides what must run, and knows nothing of networks
or pages.
"""
