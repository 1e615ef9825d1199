"""The reference pages, one file a page, each made from the code that it documents."""
