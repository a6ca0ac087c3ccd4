/*
 * Tags that tracking clients write on runs of every dialect. Their names are data here: whoever made a run, its
 * clients may have written them.
 */

/** What the keys of their bookkeeping begin with: no list of tags shows it. */
export const bookkeepingPrefix = 'mlflow.';

/** Names the tables that they logged among a run's files. */
export const loggedTablesTag = 'mlflow.loggedArtifacts';
