import { Option } from 'commander';
import type { Command } from 'commander';
import { routine } from '../domain/deploy/wire.ts';

/** Adds the two arguments for the place of a deploy, which are the project and the environment. */
export const about = (command: Command) =>
  command
    .argument('<project>', 'a project in plimsoll.yaml')
    .argument('<environment>', 'an environment of the project');

export const signed = (command: Command) =>
  command
    .option('--as <name>', 'your name in plimsoll.yaml (default: PLIMSOLL_AS, else the OS user)')
    .option(
      '--key <path>',
      'path of your private key (default: the path or the key text in PLIMSOLL_KEY, else ~/.ssh/id_ed25519)',
    );

export const decided = (command: Command) =>
  signed(about(command))
    .option('--sha <sha>', 'the commit that you decide about; exit 6 if another commit waits')
    .option(
      '--print',
      'print the signed decision and do not send it; you can send it from the Web UI',
    );

/** Adds the options of a decision that a person first reads and then confirms. */
export const confirmed = (command: Command) =>
  decided(command).option('--yes', 'do not ask; you have read the plan');

export const requested = (command: Command) =>
  signed(about(command))
    .option('--ref <ref>', "branch, tag or commit (default: the project's branch)")
    .option(
      '--rollback-target <release>',
      'the rollback target: live, last-proven, or a commit (default: live)',
    )
    .option('--reason <text>', 'why you deploy; the approvers see this text', routine)
    .addOption(
      new Option(
        '--priority <priority>',
        'P0 replaces an open deploy that has had no effect yet; all gates and approvals still apply',
      )
        .choices(['normal', 'P0'])
        .default('normal'),
    );

export const configured = (command: Command) =>
  command.option('--config <path>', 'path of the configuration', 'plimsoll.yaml');
