import type { Command } from 'commander';
import type { Io } from './io.ts';

/** The work of a command. It returns the exit code, or throws an error that `report` prints. */
type Run = (io: Io) => Promise<number>;

/** Runs the work of a command and stores its exit code. */
export type Execute = (run: Run) => Promise<void>;

/**
 * The type of `verb`, which each file in commands/ exports. The function adds arguments, options
 * and longer help to `command`. If a person chose this verb, it calls `execute` with the work of
 * the verb.
 */
export type Verb = (command: Command, execute: Execute) => unknown;

/** The groups of `plimsoll --help`, in their order. */
export const groups = [
  'Set up',
  'Deploy',
  'Decide',
  'Stop and roll back',
  'Look back',
  'Tools',
] as const;

/**
 * The type of `listing`, which each file in commands/ exports. A listing is the line of the verb in
 * `plimsoll --help`. `order` is the position of the line in its group, from 1.
 */
export type Listing = { group: (typeof groups)[number]; order: number; summary: string };
