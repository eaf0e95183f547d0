/** What modules need of a logger: pino's has it, and tests give their own. */
export interface Logger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}
