import type { FileTree } from '../samples.ts';

/** A release whose own start line listens on another port than the service declares. */
export const onPort = (files: FileTree, port: number): FileTree => ({
  ...files,
  Procfile: `web: PORT=${port} node server.mjs\n`,
});

/** A release that a builder cannot build; `log` are its last words. */
export const unbuildable = (files: FileTree, log: string[]): FileTree => ({
  ...files,
  'build.mjs': `for (const line of ${JSON.stringify(log)}) console.log(line);\nprocess.exit(1);\n`,
});
