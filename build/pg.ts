// The driver as the bundle has it: a file of its own, for tests that count or end statements.
export { default as pg } from "pg";
