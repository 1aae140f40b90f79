/**
 * An error that the reader can fix. It is printed without a stack trace. The text names the
 * problem, its cause and the next command.
 */
export class UserError extends Error {
  override name = 'UserError';
  readonly exitCode: number;

  constructor(message: string, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}
