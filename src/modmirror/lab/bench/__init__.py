"""Who is faster: latency of small files and speed of zips, in randomised complete blocks."""
