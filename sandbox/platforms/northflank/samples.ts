import type { FileTree } from '../../samples/samples.ts';

/**
 * Adds a Procfile to a release. With it, the release listens on `port`, even if the service
 * declares a different port.
 */
export const onPort = (files: FileTree, port: number): FileTree => ({
  ...files,
  Procfile: `web: PORT=${port} node server.mjs\n`,
});

/** Makes a release whose build fails. The build prints the lines of `log` before it fails. */
export const unbuildable = (files: FileTree, log: string[]): FileTree => ({
  ...files,
  'build.mjs': `for (const line of ${JSON.stringify(log)}) console.log(line);\nprocess.exit(1);\n`,
});
