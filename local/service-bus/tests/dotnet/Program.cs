using System.Diagnostics;
using System.Reflection;
using System.Text.RegularExpressions;
using Conformance;

// Runs all scenarios, several at a time, and prints one line for each: "✓ name" or "✗ name: why". An argument runs those
// alone whose name contains it. The exit code is 0 when all passed.
var wanted = args.FirstOrDefault() ?? "";
var scenarios = Assembly.GetExecutingAssembly().GetTypes()
    .SelectMany(type => type.GetMethods(BindingFlags.Static | BindingFlags.Public))
    .Where(method => method.GetCustomAttribute<ScenarioAttribute>() is not null)
    .Select(method => (Name: $"{method.DeclaringType!.Name}: {Words(method.Name)}", Method: method))
    .Where(scenario => scenario.Name.Contains(wanted, StringComparison.OrdinalIgnoreCase))
    .ToList();

var failures = 0;
await Parallel.ForEachAsync(scenarios, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (scenario, _) =>
{
    var watch = Stopwatch.StartNew();
    try
    {
        await using var bus = new Bus();
        await ((Task)scenario.Method.Invoke(null, [bus])!).WaitAsync(TimeSpan.FromSeconds(110));
        Console.WriteLine($"✓ {scenario.Name} ({watch.Elapsed.TotalSeconds:0.0} s)");
    }
    catch (Exception error)
    {
        Interlocked.Increment(ref failures);
        var why = error is Unmet ? error.Message : error.ToString();
        Console.WriteLine($"✗ {scenario.Name}: {why.ReplaceLineEndings(" ↵ ")}");
    }
});
return failures == 0 ? 0 : 1;

static string Words(string name) => Regex.Replace(name, "(?<=[a-z0-9])([A-Z])", match => " " + match.Value.ToLowerInvariant());
