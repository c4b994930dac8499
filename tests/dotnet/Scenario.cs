using System.Diagnostics;
using System.Reflection;
using System.Text.RegularExpressions;

namespace Conformance;

/// <summary>Marks a method that takes what the suite hands to it and shows one behaviour; it throws when it is not there.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ScenarioAttribute : Attribute;

public static class Scenarios
{
    /// <summary>
    /// Runs all scenarios and prints one line for each: "✓ name" or "✗ name: why". An argument runs those alone whose name
    /// contains it. Returns the exit code: 0 when all passed.
    /// </summary>
    public static async Task<int> Run(string[] args, int sideBySide, TimeSpan patience, Func<MethodInfo, Task> perform)
    {
        var wanted = args.FirstOrDefault() ?? "";
        var scenarios = Assembly.GetExecutingAssembly().GetTypes()
            .SelectMany(type => type.GetMethods(BindingFlags.Static | BindingFlags.Public))
            .Where(method => method.GetCustomAttribute<ScenarioAttribute>() is not null)
            .Select(method => (Name: $"{method.DeclaringType!.Name}: {Words(method.Name)}", Method: method))
            .Where(scenario => scenario.Name.Contains(wanted, StringComparison.OrdinalIgnoreCase))
            .ToList();
        var failures = 0;
        await Parallel.ForEachAsync(scenarios, new ParallelOptions { MaxDegreeOfParallelism = sideBySide }, async (scenario, _) =>
        {
            var watch = Stopwatch.StartNew();
            try
            {
                await perform(scenario.Method).WaitAsync(patience);
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
    }

    static string Words(string name) => Regex.Replace(name, "(?<=[a-z0-9])([A-Z])", match => " " + match.Value.ToLowerInvariant());
}
