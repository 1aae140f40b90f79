/** A connection to a host. Either the ssh library or ssh's own client opened it. */
export type Connection = {
  exec(command: string, started: (cause: Error | undefined, channel: Channel) => void): unknown;
  once(event: 'close', gone: () => void): unknown;
  removeListener(event: 'close', gone: () => void): unknown;
};

/** A command on the host. It emits 'data', then 'exit' with the exit code or null, then 'close'. */
export type Channel = {
  // The listeners of the ssh library have other arguments for each event.
  // oxlint-disable-next-line typescript/no-explicit-any
  on(event: string, listener: (...args: any[]) => void): unknown;
  stderr: { on(event: 'data', listener: (chunk: Buffer) => void): unknown };
  /** Sends the text as the whole stdin of the command. */
  end(stdin: string): unknown;
  close(): void;
};
