import ts from 'typescript-5.9';

/** A statement that calls something, and does not await or handle its promise: usually an action or assertion without `await`. */
export function isForgottenPromise(node: ts.Node, types: ts.TypeChecker): boolean {
  if (!ts.isExpressionStatement(node) || !ts.isCallExpression(node.expression)) return false;
  const call = node.expression;
  if (ts.isPropertyAccessExpression(call.expression)) {
    const name = call.expression.name.text;
    if (name === 'catch' || (name === 'then' && call.arguments.length > 1)) return false;
  }
  const type = types.getTypeAtLocation(call);
  if (type.flags & ts.TypeFlags.Any) return false;
  return type.getProperty('then') !== undefined;
}
