"""Flows as pictures: what to draw (``picture``), where it goes (``layout``), and three ways to write it."""
