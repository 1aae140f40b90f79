type Person = { projects?: readonly string[] | undefined };
type People<P extends Person> = Readonly<Record<string, P>>;

/**
 * Returns the people who have rights in this project: they read it through the door, request its
 * deploys, and their decisions about it count. null: things that belong to all projects, such as a
 * stop of the line. A person without the key `projects` has rights everywhere. Every check of rights
 * calls this function.
 */
export const withRights = <P extends Person>(
  people: People<P>,
  project: string | null,
): Record<string, P> =>
  Object.fromEntries(
    Object.entries(people).filter(
      ([, { projects }]) =>
        projects === undefined || (project !== null && projects.includes(project)),
    ),
  );

/** Returns true if this approver or requester has rights in the project; null: in all projects. */
export const mayUse = (
  { approvers, requesters }: { approvers: People<Person>; requesters: People<Person> },
  name: string,
  project: string | null,
): boolean =>
  [approvers, requesters].some((people) => Object.hasOwn(withRights(people, project), name));

/** Returns the reason why a person who is configured may not decide about a project. */
export const noRightWords = (name: string, project: string | null): string =>
  project === null
    ? `${name} has rights in single projects only, and this is about all projects`
    : `${name} has no rights in the project ${project}`;
