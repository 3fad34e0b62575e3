import { expect } from "chai";
import ts from "typescript";
import { packageRoot } from "../../connector/package-root.ts";

/** Text that occurs only in a statement of SQL, or in a part of one. */
const sql =
  /\b(select\s|insert into|update \w+\.|delete from|alter (table|sequence)|create (table|temporary|index|trigger|schema)|copy \w*|truncate|vacuum|analyze|is distinct from|materialized|add column|lock table|case when)/;

/**
 * Reviewed expressions of an open type: tables and columns come from the schemas that ship with the package, the other
 * names are pieces of SQL built from such in the same file. Nothing of a config, mapping or record is among them.
 */
const reviewed = new Set(
  (
    "tableOf[model] tableOf[other] table column key names values sequence incoming column.incoming condition replaced " +
    "texts landing compression statistics references rows quotedUser quotedTable needless property joined isHeld assignment cell known " +
    "asChange asToldRun asHold at more own one other from one.name stream ofRow ofOther isThere isOwn value " +
    "leanKeys record anyLean assigned quoted shown text rejectionColumns holdColumns toldRunColumns summary recordId there oldest counts typeOf(column) " +
    "tableOf[name] isOther tables order"
  ).split(" "),
);

/** Lists of such pieces, joined. */
const lists =
  /^(columns|landing|everything|all|list|there|around|isJson|found|assignments|changes|additions|hasRow|sources|tables\.map\(\(\{ name \}\) => name\)|landings|head\.tables)(\.map\(.*\))?\.join\(/;

/** Pieces within a piece, reviewed where they are written. */
const nested = /^(\["custom", \.\.\.columns\.map\(|landed\.map\(|table === "companies" \? |incoming\.replace\()/;

/** Functions that quote, or that build a piece of SQL of their own, which this test checks where it is written. */
const pieces =
  /^(identifier|instantText|canonicalText|incomingDefinition|differs|brought|mergeStatement|insertStatement|comparedRecord|compared|stateOf|dismissedStill|changed|tableNamed|valuesOfPerson|unquoted|fieldOf|sameField|same|columnFrom|customOf|jsonOf|wholeRowJson|recordsOf|recordIdSql|ofObjectSql|streamSql|sourceIdSql|columnNames|tableName|groupedReason|parentJoin|ofKind|joined|landing\.joined|insteadSql|isOfOtherKind|count|leanRecord)\(/;

describe("the text of every SQL statement", function () {
  this.timeout(120_000);

  it("is made of constants, quoted identifiers and closed sets of names; values are bound", () => {
    const config = ts.readConfigFile(`${packageRoot}tsconfig.json`, ts.sys.readFile).config;
    const { options, fileNames } = ts.parseJsonConfigFileContent(config, ts.sys, packageRoot);
    const ours = fileNames.filter((name) => /\/connector\/(database|sync|service|commands)\//.test(name));
    const program = ts.createProgram(ours, { ...options, noEmit: true });
    const checker = program.getTypeChecker();
    const isClosed = (type: ts.Type): boolean =>
      type.isUnion()
        ? type.types.every(isClosed)
        : (type.flags & (ts.TypeFlags.Literal | ts.TypeFlags.NumberLike | ts.TypeFlags.BigIntLike)) !== 0;
    const open: string[] = [];
    let statements = 0;
    for (const file of program.getSourceFiles().filter(({ fileName }) => ours.includes(fileName))) {
      const visit = (node: ts.Node): void => {
        if (ts.isNewExpression(node) || ts.isThrowStatement(node)) return;
        if (ts.isTemplateExpression(node) && sql.test(node.getText())) {
          statements++;
          for (const { expression } of node.templateSpans) {
            const text = expression.getText();
            if (pieces.test(text) || isClosed(checker.getTypeAtLocation(expression)) || reviewed.has(text)) continue;
            if (lists.test(text) || nested.test(text)) continue;
            open.push(`${file.fileName.slice(packageRoot.length)}: ${text}`);
          }
        }
        ts.forEachChild(node, visit);
      };
      visit(file);
    }
    expect(statements).to.be.above(40);
    expect(open).to.deep.equal([]);
  });
});
