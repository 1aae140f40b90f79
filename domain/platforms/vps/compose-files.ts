/**
 * The compose files of a service: paths below the repository, separated by ":" as in COMPOSE_FILE.
 * A later file overrides an earlier file. plimsoll.yaml and the commands for a host use the same
 * pattern.
 */
const one = /(?![/-])(?!(?:[^:]*\/)?\.\.(?:[/:]|$))[A-Za-z0-9/._@+-]+/.source;
export const composeFiles = new RegExp(`^${one}(?::${one})*$`);
