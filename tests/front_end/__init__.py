"""Checks and unit tests of the browser scripts: ESLint, the TypeScript compiler and Node's own test runner."""
