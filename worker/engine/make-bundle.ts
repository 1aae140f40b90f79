import { rename, writeFile } from 'node:fs/promises';
import { bundleWorkflowCode } from '@temporalio/worker';

/**
 * Writes the bundle of the workflows. Usage: `node make-bundle.ts FILE WORKFLOWS [INTERCEPTORS…]`.
 * The bundle is written to another file and then renamed, so FILE is always complete.
 */
const [file = '', workflowsPath = '', ...workflowInterceptorModules] = process.argv.slice(2);
const silent = () => {};
const said: string[] = [];
const logger = {
  ...{ log: silent, trace: silent, debug: silent, info: silent, warn: silent },
  error: (text: string) => void said.push(text),
};
try {
  const { code } = await bundleWorkflowCode({ workflowsPath, workflowInterceptorModules, logger });
  const beside = `${file}.${process.pid}`;
  await writeFile(beside, code);
  await rename(beside, file);
} catch (cause) {
  const whole = [...said, (cause as Error).message].join('\n');
  const why = whole.slice(Math.max(0, whole.search(/^ERROR/m)));
  console.error(`The workflows cannot be bundled: ${why.split('\n').slice(0, 3).join(' ')}`);
  process.exitCode = 1;
}
