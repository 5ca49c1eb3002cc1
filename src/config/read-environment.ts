import { type Variable, type VariableName, variables } from './environment.ts';
import { found, type Problem, shown } from './checks/problems.ts';
import { readText, type Outside } from './outside.ts';

export type Values = Partial<Record<VariableName, string>>;

/** Every variable with its value or its fallback; errors are added to `problems`. */
export function readEnvironment(outside: Outside, problems: Problem[]): Values {
  const values: Values = {};
  for (const variable of Object.values(variables)) {
    const value = readVariable(outside, variable, problems);
    if (value !== undefined) values[variable.name] = value;
  }
  return values;
}

/** A value, and the variable that it came from: NAME or NAME_FILE. */
interface Given {
  readonly value: string;
  readonly by: string;
}

function readVariable(outside: Outside, variable: Variable, problems: Problem[]): string | undefined {
  const known = problems.length;
  const given = givenValue(outside, variable, problems);
  if (given === undefined) {
    if (variable.required && problems.length === known)
      problems.push({ path: variable.name, message: `It is not set. ${variable.what}` });
    return variable.fallback;
  }
  const { value, by } = given;
  const problem = variable.problem(value);
  // The value may be a secret in the wrong variable: the message says what is valid, not what was found.
  if (problem !== undefined)
    problems.push({ path: by, message: variable.secret ? problem : `${found(value)} ${problem}` });
  return value;
}

/** An empty variable counts as unset. */
function givenValue(outside: Outside, variable: Variable, problems: Problem[]): Given | undefined {
  const { name, secret, what } = variable;
  const by = `${name}_FILE`;
  const value = outside.env[name] || undefined;
  const path = secret ? outside.env[by] || undefined : undefined;
  if (path === undefined) return value === undefined ? undefined : { value, by: name };
  if (value !== undefined) {
    problems.push({ path: by, message: `${name} is set as well. Keep one of the two.` });
    return undefined;
  }
  const text = readText(outside, path, (why) =>
    problems.push({ path: by, message: `${shown(path)} cannot be read (${why}).` }),
  );
  if (text === undefined) return undefined;
  const content = text.trim();
  if (content === '') {
    problems.push({ path: by, message: `${shown(path)} is empty. ${what}` });
    return undefined;
  }
  return { value: content, by };
}
