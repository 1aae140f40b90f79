import { contractLive } from './live.ts';

const { code, text } = await contractLive(process.argv.slice(2), process.env);
process.stdout.write(`${text}\n`);
process.exitCode = code;
