/**
 * Runs before the app. The first number that is written in a visitor's locale costs a browser some 25 ms (100 on a slow
 * phone): this is spent here while the app's own code is on its way, and no longer where the page waits for it: of 3.4 s to the
 * catalogue's first picture, 0.1 to 0.5 (docs/benchmarks.md).
 */
new Intl.NumberFormat().format(0)
