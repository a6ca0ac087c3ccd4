/** A difference between the two servers' answers that stays, and why. */
export interface Difference {
  /** The steps in which it is met: whole names, or their starts and `*`. */
  readonly in: readonly string[];
  /** Where: `answer` is the status and the code of an error; in a path `*` is one key, `**` any number of them. */
  readonly at: string;
  /** What each answers there; absent where it has nothing there, `*` for whatever it is. */
  readonly real?: unknown;
  readonly franca?: unknown;
  readonly reason: string;
}

const refused = '400 INVALID_PARAMETER_VALUE';
const failed = '500';
const greatest = 1.7976931348623157e308;

const ownMistake = 'What a client does wrong is a 4xx: clients repeat a 500 for minutes.';
const silentLoss =
  'The reader of bodies of the real server stops at a value of a wrong type, without a word, and leaves out what ' +
  'stands behind it. Franca names the field.';
const strangeKey = 'A key is checked wherever it comes from, as the real server does everywhere but here.';
const page = 'The real server answers a page of HTML, which no client reads.';
const wholeValue = 'Values are kept whole; the real server cuts them without a word.';
const nul = 'No text has a NUL: not every database holds one.';
const otherSystem = 'These names lead elsewhere on other systems, or are what they say on none.';

export const differences: readonly Difference[] = [
  { in: ['*'], at: 'body.**.value', real: greatest, franca: 'Infinity', reason: 'Infinities are kept.' },
  { in: ['*'], at: 'body.**.value', real: -greatest, franca: '-Infinity', reason: 'Infinities are kept.' },
  {
    in: [
      'create experiment: of a list',
      'create experiment: of a text',
      'create experiment: of a number',
      'log metric: that is a list',
      'log batch: with metrics that are numbers',
      'log batch: with null among metrics',
      'log batch: with params that are texts',
      'log model: with a model that is a list',
      'artifacts: put where a folder is',
      'artifacts: put below a file',
      'logged models: with a forged token',
      'routes: a body that is deep',
    ],
    at: 'answer',
    real: failed,
    franca: refused,
    reason: ownMistake,
  },
  {
    in: [
      'read experiment: with an id of many digits',
      'search runs: in one order twice',
      'artifacts: put at a path that is a root',
      'artifacts: put at a path with a scheme',
      'logged models: refused: unknown attribute',
    ],
    at: 'answer',
    real: `${failed} INTERNAL_ERROR`,
    franca: refused,
    reason: ownMistake,
  },
  {
    in: ['delete experiment: that takes no name'],
    at: 'answer',
    real: `${failed} INVALID_STATE`,
    franca: refused,
    reason: ownMistake,
  },
  {
    in: ['log batch: with null for lists'],
    at: 'answer',
    real: failed,
    franca: '200',
    reason: 'null is an absent list.',
  },
  {
    in: [
      'create experiment: with a tag whose value is a number',
      'search experiments: in an order of numbers',
      'create run: with a fraction as its start',
      'create run: with true as its start',
      'create run: with a number as its user',
      'create run: with tags that are no list',
      'create run: with a number as a tag',
      'create run: with a start beyond 64 bits',
      'update run: with a fraction as its end',
      'log metric: that is true',
      'log metric: with a fraction as its time',
      'log metric: with a fraction as its step',
      'log metric: that is a bare NaN',
      'log metric: that is a bare Infinity',
      'log metric: that is 1e400',
      'log metric: with a step beyond 64 bits',
      'log metric: with a time beyond 64 bits',
      'log batch: with a metric of words',
      'log batch: with a metric whose value is true',
      'log batch: with a metric whose step is a fraction',
      'log batch: with a param that is a number',
      'log batch: with a tag that is a number',
      'search runs: of one and a half',
      'search runs: with a number as token',
      'metric history: of words',
      'datasets: a number as name',
      'logged models: finished with no status',
      'logged models: finished with words',
      'logged models: of less than none',
    ],
    at: 'answer',
    real: '200',
    franca: refused,
    reason: silentLoss,
  },
  {
    in: [
      'create run: with a tag without a key',
      'create run: with a key that climbs',
      'create run: with a key of 251 characters',
      'datasets: a tag without a key',
      'logged models: made with a param without a key',
      'logged models: tagged without a key',
    ],
    at: 'answer',
    real: '200',
    franca: refused,
    reason: strangeKey,
  },
  {
    in: [
      'datasets: an input without a dataset',
      'datasets: a dataset without a name',
      'datasets: a dataset without a digest',
      'datasets: a dataset without a source',
    ],
    at: 'answer',
    real: '200',
    franca: refused,
    reason: 'A dataset has a name, a digest and a source, as its schema says.',
  },
  {
    in: [
      'create run: of malformed JSON',
      'create run: of a list',
      'create run: in no experiment',
      'create run: in an empty experiment',
      'logged models: made with one param twice',
      'logged models: given other params',
    ],
    at: 'answer',
    real: '400 BAD_REQUEST',
    franca: refused,
    reason: 'The error names the field; the real server tells of its SQL.',
  },
  {
    in: ['change experiment: renamed to a name that is taken'],
    at: 'answer',
    real: '400 BAD_REQUEST',
    franca: '400 RESOURCE_ALREADY_EXISTS',
    reason: 'The code says what is wrong, as that of create does.',
  },
  {
    in: ['create experiment: with a NUL in its name', 'log param: with a NUL in its value'],
    at: 'answer',
    real: '200',
    franca: refused,
    reason: nul,
  },
  {
    in: ['tag run: all tags', 'log param: all', 'log batch: all'],
    at: 'body.run.data.*.longer.value',
    real: '*',
    franca: '*',
    reason: wholeValue,
  },
  {
    in: ['create run: with nothing but its experiment', 'create run: with null as its start'],
    at: 'body.run.info.start_time',
    real: 0,
    franca: '<now>',
    reason: 'A run whose start nobody tells began when it was made, not in 1970.',
  },
  {
    in: ['delete experiment: whose run that was deleted before stays deleted'],
    at: 'body.run.info.lifecycle_stage',
    real: 'active',
    franca: 'deleted',
    reason:
      'Restoring an experiment brings back what was deleted with it (mlflow/mlflow#5819), not what was before.',
  },
  {
    in: ['update run: with 0 as its end', 'update run: with null as its end'],
    at: 'body.run_info.end_time',
    franca: '<now>',
    reason:
      'A run that has ended has an end, which the other dialects show, too: now, where nobody tells it.',
  },
  {
    in: ['update run: running again', 'update run: scheduled'],
    at: 'body.run_info.end_time',
    real: '*',
    reason: 'A run that goes on has no end; the real server goes on to show that of before.',
  },
  {
    in: ['create experiment: of JSON within JSON'],
    at: 'answer',
    real: '200',
    franca: refused,
    reason: 'Only clients older than version 1 wrote JSON into JSON.',
  },
  {
    in: ['read experiment: with its id in the body'],
    at: 'answer',
    real: '200',
    franca: refused,
    reason: 'A GET has no body.',
  },
  {
    in: ['search experiments: by lower-case like'],
    at: 'answer',
    real: refused,
    franca: '200',
    reason: 'Keywords are in any case here too, as they are for runs.',
  },
  {
    in: ['read run: by HEAD'],
    at: 'answer',
    real: '400',
    franca: '200',
    reason: 'HEAD answers what GET does; the real server looks for a body.',
  },
  {
    in: ['routes: *', 'read run: by POST', 'artifacts: by POST'],
    at: 'answer',
    real: '405',
    franca: '405 BAD_REQUEST',
    reason: page,
  },
  { in: ['routes: *'], at: 'answer', real: '404', franca: '404 ENDPOINT_NOT_FOUND', reason: page },
  {
    in: ['routes: with two slashes'],
    at: 'answer',
    real: '308',
    franca: '404 ENDPOINT_NOT_FOUND',
    reason: 'No client writes such a path; a redirection would lose what a POST sends.',
  },
  { in: ['routes: version'], at: 'type', real: 'text/html', franca: 'text/plain', reason: 'It is no HTML.' },
  {
    in: ['routes: server info*'],
    at: 'body.*',
    real: '*',
    franca: '*',
    reason: 'It tells what the server can do, and that is not the same.',
  },
  {
    in: ['routes: server info*'],
    at: 'body.features_enabled.gateway',
    real: true,
    reason: 'There is no gateway to other models here.',
  },
  {
    in: [
      'artifacts: put at a path with backslashes',
      'artifacts: put at a path with a drive',
      'artifacts: put at a path with a NUL',
      'artifacts: at a path with backslashes',
      'artifacts: at a path with a NUL',
      'artifacts: read at a path with backslashes',
      'artifacts: read at a path with a drive',
      'artifacts: read at a path with a NUL',
      'artifacts: got at a path with backslashes',
      'artifacts: got at a path with a NUL',
      'artifacts: removed at a path that is a root',
      'artifacts: removed at a path with backslashes',
      'artifacts: removed at a path with a scheme',
      'artifacts: removed at a path with a drive',
      'artifacts: removed at a path with a NUL',
    ],
    at: 'answer',
    real: '200',
    franca: refused,
    reason: otherSystem,
  },
  {
    in: ['artifacts: read at a path that is a root', 'artifacts: read at a path with a scheme'],
    at: 'answer',
    real: '404 RESOURCE_DOES_NOT_EXIST',
    franca: refused,
    reason: otherSystem,
  },
  {
    in: ['artifacts: put at no name', 'artifacts: got without a path'],
    at: 'answer',
    real: '400',
    franca: refused,
    reason: 'Errors have one form; the real server has another here.',
  },
  {
    in: ['artifacts: read behind the end', 'artifacts: got behind the end'],
    at: 'answer',
    real: '416',
    franca: '416 BAD_REQUEST',
    reason: page,
  },
  {
    in: ['artifacts: read', 'artifacts: read *', 'artifacts: got*'],
    at: 'type',
    real: '*',
    franca: 'application/octet-stream',
    reason: 'What somebody uploaded is a file to be kept, never a page of this server.',
  },
  {
    in: ['artifacts: put to a deleted run'],
    at: 'answer',
    real: '200',
    franca: refused,
    reason: 'A deleted run takes nothing, files neither; the real server’s proxy knows no runs.',
  },
  {
    in: ['create experiment: with one key twice'],
    at: 'answer',
    real: '400 RESOURCE_ALREADY_EXISTS',
    franca: refused,
    reason: 'It is no experiment that is there already.',
  },
  {
    in: ['create experiment: in a folder of the server', 'create experiment: in a folder by a path'],
    at: 'answer',
    real: '200',
    franca: refused,
    reason:
      'Files are kept where Franca keeps them: a client may name a store of objects, but no folder of the server.',
  },
  {
    in: ['read experiment: with its id twice'],
    at: 'answer',
    real: '200',
    franca: refused,
    reason: 'What has one value is said once; the real server takes the first.',
  },
  {
    in: ['log model: is read'],
    at: 'body.run.data.tags.mlflow·log-model·history.value',
    real: '*',
    franca: '*',
    reason: 'It is the same JSON as the client wrote it; the real server writes it anew.',
  },
  {
    in: ['create run: with one key twice', 'logged models: made with one tag twice'],
    at: 'answer',
    real: '400 BAD_REQUEST',
    franca: '200',
    reason: 'The last one counts, as in a batch.',
  },
  {
    in: ['update run: is updated'],
    at: 'body.run.info.status',
    real: 'FINISHED',
    franca: 'FAILED',
    reason: 'That follows from the end with a fraction, which was refused before.',
  },
  {
    in: ['tag run: what is left'],
    at: 'body.run.data.tags.mlflow·runName.*',
    franca: '*',
    reason: 'The name of a run and its tag are one: as long as it has a name, it has the tag.',
  },
  {
    in: ['log metric: that is 1e400 as text'],
    at: 'answer',
    real: '200',
    franca: refused,
    reason: 'What is too great for a number is a mistake; what is infinite is called Infinity.',
  },
  {
    in: [
      'artifacts: put at a path encoded twice',
      'artifacts: put at a path with a hash',
      'artifacts: at a path encoded twice',
      'artifacts: at a path with a hash',
      'artifacts: read at a path encoded twice',
      'artifacts: read at a path with a hash',
      'artifacts: got at a path encoded twice',
      'artifacts: got at a path with a hash',
      'artifacts: removed at a path encoded twice',
      'artifacts: removed at a path with a hash',
    ],
    at: 'answer',
    real: refused,
    franca: '200',
    reason:
      'A path is decoded once, and what it then says is a name; the real server decodes until nothing changes.',
  },
  { in: ['artifacts: *'], at: 'body.files.*.file_size', franca: 0, reason: 'An empty file has a size.' },
  {
    in: ['artifacts: read a folder'],
    at: 'answer',
    real: '400',
    franca: '404 RESOURCE_DOES_NOT_EXIST',
    reason: 'There is no file of this name.',
  },
  {
    in: ['artifacts: got a folder'],
    at: 'answer',
    real: refused,
    franca: '404 RESOURCE_DOES_NOT_EXIST',
    reason: 'There is no file of this name.',
  },
  {
    in: [
      'artifacts: read two ranges',
      'artifacts: got two ranges',
      'artifacts: read a range*',
      'artifacts: got a range*',
    ],
    at: 'answer',
    real: '*',
    franca: '200',
    reason: 'The whole is the answer to ranges that are not understood (RFC 9110, 14.2).',
  },
  {
    in: ['artifacts: got without a run'],
    at: 'answer',
    real: '404 RESOURCE_DOES_NOT_EXIST',
    franca: refused,
    reason: 'The error names the parameter that is missing; the real server looks for a run called None.',
  },
  {
    in: ['artifacts: uploaded'],
    at: 'type',
    real: 'application/json',
    franca: '',
    reason: 'An empty answer is no JSON.',
  },
  {
    in: ['logged models: finished without an id in the body', 'logged models: given params without an id'],
    at: 'answer',
    real: refused,
    franca: '200',
    reason: 'The id stands in the address.',
  },
  {
    in: ['logged models: given the same params', 'logged models: an output again'],
    at: 'answer',
    real: '400 BAD_REQUEST',
    franca: '200',
    reason: 'To say the same again is no mistake, as for the params of runs.',
  },
  {
    in: ['logged models: measured where there is none'],
    at: 'answer',
    real: '400 BAD_REQUEST',
    franca: '404 RESOURCE_DOES_NOT_EXIST',
    reason: 'The error says what is not there; the real server tells of its SQL.',
  },
  {
    in: ['logged models: an input that there is not', 'logged models: an output that there is not'],
    at: 'answer',
    real: '200',
    franca: '404 RESOURCE_DOES_NOT_EXIST',
    reason: 'A run has neither read nor written a model that there is not.',
  },
  {
    in: ['logged models: are shown with the run'],
    at: 'body.run.*.*.length',
    real: '*',
    franca: '*',
    reason: 'So the run does not show it either.',
  },
  {
    in: ['routes: by OPTIONS'],
    at: 'answer',
    real: '204',
    franca: '200',
    reason: 'It lists the methods, as the answer to a request of no foreign page.',
  },
  {
    in: ['logged models: found by metric and dataset'],
    at: 'body.models.length',
    franca: 1,
    reason: 'A dataset without a digest is one of any; the real server looks for one that has none.',
  },
  {
    in: ['logged models: found by the word of a status', 'logged models: found by status'],
    at: 'body.models.length',
    real: '*',
    franca: '*',
    reason: 'A status is compared by its word; the real server has numbers, which no client shows.',
  },
];

/** A filter or a term of an order of which the two think otherwise, and why. */
export interface LanguageDifference {
  readonly text: string;
  readonly of: 'filter' | 'order';
  /** What Franca does; the real server does the other, or fails. */
  readonly franca: 'takes it' | 'refuses it';
  readonly reason: string;
}

const typo = 'It finds nothing there, whatever is stored: a mistake that the client should hear of.';
const unstorable = 'No text that is stored can have this character.';

export const languageDifferences: readonly LanguageDifference[] = [
  {
    text: 'params.a IS  NOT\nNULL',
    of: 'filter',
    franca: 'takes it',
    reason: 'Blanks between words are as many as one likes, as everywhere else in the language.',
  },
  {
    text: 'end_time > 99999999999999999999',
    of: 'filter',
    franca: 'takes it',
    reason: 'The real server fails with 500 on numbers beyond 64 bits.',
  },
  {
    text: 'end_time > -99999999999999999999',
    of: 'filter',
    franca: 'takes it',
    reason: 'The real server fails with 500 on numbers beyond 64 bits.',
  },
  { text: 'metrics. loss > 1', of: 'filter', franca: 'refuses it', reason: typo },
  { text: 'metrics.`a`.b > 1', of: 'filter', franca: 'refuses it', reason: typo },
  { text: 'metrics.', of: 'order', franca: 'refuses it', reason: typo },
  {
    text: "run_id IN ('a' 'b')",
    of: 'filter',
    franca: 'refuses it',
    reason: 'A forgotten comma: the real server joins the two texts, as Python does.',
  },
  {
    text: "run_id IN ('a', ('b'))",
    of: 'filter',
    franca: 'refuses it',
    reason: 'A list in a list: the real server evaluates it as Python does.',
  },
  {
    text: "run_id IN ('a\\n')",
    of: 'filter',
    franca: 'refuses it',
    reason:
      'The real server reads lists as Python does; of its escapes Franca takes those of quotes and backslashes.',
  },
  { text: "params.a = 'x\0y'", of: 'filter', franca: 'refuses it', reason: unstorable },
  { text: "params.a = '\ud800'", of: 'filter', franca: 'refuses it', reason: unstorable },
  { text: "params.a = '😀' AND params.\udc00 = ''", of: 'filter', franca: 'refuses it', reason: unstorable },
  {
    text: `params.a LIKE '${'%'.repeat(51)}'`,
    of: 'filter',
    franca: 'refuses it',
    reason: 'A pattern has 50 wildcards at most, so that no search takes minutes.',
  },
];
