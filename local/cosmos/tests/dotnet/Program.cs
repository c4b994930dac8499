using System.Reflection;
using System.Text.RegularExpressions;
using Conformance;

// Runs all scenarios, one after the other, and prints one line for each: "✓ name" or "✗ name: why". An argument runs those
// alone whose name contains it. The exit code is 0 when all passed.
var wanted = args.FirstOrDefault() ?? "";
var scenarios = Assembly.GetExecutingAssembly().GetTypes()
    .SelectMany(type => type.GetMethods(BindingFlags.Static | BindingFlags.Public))
    .Where(method => method.GetCustomAttribute<ScenarioAttribute>() is not null)
    .Select(method => (Name: $"{method.DeclaringType!.Name}: {Words(method.Name)}", Method: method))
    .Where(scenario => scenario.Name.Contains(wanted, StringComparison.OrdinalIgnoreCase))
    .ToList();

await using var account = await Account.Open();
var failures = 0;
foreach (var (name, method) in scenarios)
{
    try
    {
        await ((Task)method.Invoke(null, [account])!).WaitAsync(TimeSpan.FromSeconds(60));
        Console.WriteLine($"✓ {name}");
    }
    catch (Exception error)
    {
        failures++;
        var why = error is Unmet ? error.Message : error.ToString();
        Console.WriteLine($"✗ {name}: {why.ReplaceLineEndings(" ↵ ")}");
    }
}
return failures == 0 ? 0 : 1;

static string Words(string name) => Regex.Replace(name, "(?<=[a-z0-9])([A-Z])", match => " " + match.Value.ToLowerInvariant());
