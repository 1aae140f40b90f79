import type { Command } from 'commander';
import type { Run } from '../program.ts';

/** Runs a command's work and keeps its exit code. */
export type Execute = (run: Run) => Promise<void>;

export const about = (command: Command) =>
  command
    .argument('<project>', 'as in plimsoll.yaml')
    .argument('<environment>', 'as in plimsoll.yaml');

export const signed = (command: Command) =>
  command
    .option('--as <name>', 'your name in plimsoll.yaml (default: PLIMSOLL_AS, else the OS user)')
    .option(
      '--key <path>',
      'your private key (default: PLIMSOLL_KEY, also as text, else ~/.ssh/id_ed25519)',
    );

export const configured = (command: Command) =>
  command.option('--config <path>', 'the configuration', 'plimsoll.yaml');
