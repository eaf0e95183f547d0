// Writes the type `Api` out in full, with the comments of its properties: declarations that need nothing of the server.
// By the API of TypeScript 5, since TypeScript 7 has none that is stable.
import path from 'node:path';
import ts from 'typescript-5.9';

const procedureKinds = new Set(['Query', 'Mutation', 'Subscription']);
const identifier = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;

/** The text of `api.d.ts`. Throws where a type cannot be written out, and says where. */
export function printApi(root) {
  const file = path.join(root, 'sdk/client/api.ts');
  const { config } = ts.readConfigFile(path.join(root, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files: [file] }, ts.sys, root);
  const program = ts.createProgram([file], options);
  const checker = program.getTypeChecker();
  const module = checker.getSymbolAtLocation(program.getSourceFile(file));
  const api = checker.getExportsOfModule(module).find(({ name }) => name === 'Api');
  const text = printer(checker)(checker.getDeclaredTypeOfSymbol(api), ['Api'], '');
  return `import type { Mutation, Query, Subscription } from './procedures.ts';\n\n/** Every procedure of Runlight, by feature. */\nexport type Api = ${text};\n`;
}

function printer(checker) {
  const open = new Set();

  /** `at` says where the type stands; `indent` is that of the line it begins in. */
  function print(type, at, indent) {
    const { flags } = type;
    if (flags & ts.TypeFlags.StringLiteral) return JSON.stringify(type.value);
    if (flags & (ts.TypeFlags.Any | ts.TypeFlags.ESSymbolLike | ts.TypeFlags.BigIntLike)) throw cannot(type, at);
    if (flags & (ts.TypeFlags.Primitive | ts.TypeFlags.Unknown | ts.TypeFlags.Never) && !type.isUnion())
      return checker.typeToString(type);
    if (type.isUnion()) return printUnion(type, at, indent);
    if (!(flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection))) throw cannot(type, at);
    if (open.has(type)) throw new Error(`${at.join('.')} contains itself; give it a type of finite depth.`);
    open.add(type);
    const text = printObject(type, at, indent);
    open.delete(type);
    return text;
  }

  function printUnion(type, at, indent) {
    const isBoolean = type.types.filter((one) => one.flags & ts.TypeFlags.BooleanLiteral).length === 2;
    const others = isBoolean ? type.types.filter((one) => !(one.flags & ts.TypeFlags.BooleanLiteral)) : type.types;
    const texts = new Set(others.map((one) => print(one, at, indent)));
    if (isBoolean) texts.add('boolean');
    // The compiler's order varies.
    return [...texts].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1)).join(' | ');
  }

  function printObject(type, at, indent) {
    if (checker.isTupleType(type))
      return `[${checker
        .getTypeArguments(type)
        .map((one, index) => print(one, [...at, index], indent))
        .join(', ')}]`;
    if (checker.isArrayType(type)) {
      const [item] = checker.getTypeArguments(type);
      const text = print(item, [...at, '[]'], indent);
      return item.isUnion() ? `(${text})[]` : `${text}[]`;
    }
    if (procedureKinds.has(type.symbol?.name)) {
      const [input, output] = checker.getTypeArguments(type);
      return `${type.symbol.name}<${print(input, [...at, 'input'], indent)}, ${print(output, [...at, 'output'], indent)}>`;
    }
    if (checker.getSignaturesOfType(type, ts.SignatureKind.Call).length > 0) throw cannot(type, at);
    const inner = `${indent}  `;
    const lines = checker.getIndexInfosOfType(type).map(({ keyType, type: value }) => {
      return `${inner}[key: ${print(keyType, at, inner)}]: ${print(value, [...at, '[key]'], inner)};`;
    });
    for (const property of checker.getPropertiesOfType(type)) {
      const name = identifier.test(property.name) ? property.name : JSON.stringify(property.name);
      const optional = property.flags & ts.SymbolFlags.Optional ? '?' : '';
      const text = print(checker.getTypeOfSymbol(property), [...at, property.name], inner);
      lines.push(`${comment(property, inner)}${inner}${name}${optional}: ${text};`);
    }
    return lines.length === 0 ? '{}' : `{\n${lines.join('\n')}\n${indent}}`;
  }

  function comment(symbol, indent) {
    const text = ts.displayPartsToString(symbol.getDocumentationComment(checker)).replaceAll('*/', '* /');
    return text === '' ? '' : `${indent}/** ${text.replaceAll('\n', `\n${indent} * `)} */\n`;
  }

  const cannot = (type, at) =>
    new Error(`${at.join('.')} is ${checker.typeToString(type)}, which does not travel as JSON.`);

  return print;
}

/** Nullish last, as people write it. */
const rank = (text) => ['null', 'undefined'].indexOf(text);
