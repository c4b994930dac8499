using System.Net;
using Microsoft.Azure.Cosmos;
using Microsoft.Azure.Cosmos.Linq;
using Newtonsoft.Json.Linq;

namespace Conformance;

/// <summary>Queries in text, and those that LINQ makes.</summary>
public static class Queries
{
    static readonly QueryRequestOptions OfAnn = new() { PartitionKey = new PartitionKey("ann") };

    public static async Task<List<T>> All<T>(Container container, string query, QueryRequestOptions? options = null) =>
        await All(container.GetItemQueryIterator<T>(new QueryDefinition(query), requestOptions: options));

    static async Task<List<T>> All<T>(FeedIterator<T> pages)
    {
        var all = new List<T>();
        using (pages)
            while (pages.HasMoreResults) all.AddRange(await pages.ReadNextAsync());
        return all;
    }

    static async Task Gives<T>(Account account, string query, params T[] expected) =>
        Expect.Sequence(expected, await All<T>(await account.Orders(), query), query);

    [Scenario]
    public static Task Select(Account account) => Gives(account, "SELECT VALUE c.id FROM c WHERE c.total < 3", "o0", "o1", "o2");

    [Scenario]
    public static Task SelectNothing(Account account) => Gives<string>(account, "SELECT VALUE c.id FROM c WHERE c.total = '3'");

    [Scenario]
    public static async Task SelectDocuments(Account account)
    {
        var orders = await All<Order>(await account.Orders(), "SELECT * FROM c WHERE c.id = 'o4'");
        Expect.Equal(4.0, orders.Single().Total, "total");
        Expect.Equal("toy1", orders.Single().Items.Single().Name, "item");
    }

    [Scenario]
    public static Task Order(Account account) => Gives(account, "SELECT VALUE c.total FROM c WHERE c.total > 5 ORDER BY c.total DESC", 9, 8, 7, 6);

    [Scenario]
    public static Task OrderByACompositeIndex(Account account) =>
        Gives(account, "SELECT VALUE c.id FROM c WHERE c.total > 6 ORDER BY c.customer ASC, c.total DESC", "o8", "o9", "o7");

    [Scenario]
    public static Task OrderByACompositeIndexBackwards(Account account) =>
        Gives(account, "SELECT VALUE c.id FROM c WHERE c.total > 6 ORDER BY c.customer DESC, c.total ASC", "o7", "o9", "o8");

    [Scenario]
    public static Task TakeTheFirst(Account account) => Gives(account, "SELECT TOP 2 VALUE c.id FROM c ORDER BY c.id DESC", "o9", "o8");

    [Scenario]
    public static Task PassOver(Account account) => Gives(account, "SELECT VALUE c.id FROM c ORDER BY c.id OFFSET 8 LIMIT 5", "o8", "o9");

    [Scenario]
    public static Task Count(Account account) => Gives(account, "SELECT VALUE COUNT(1) FROM c", 10);

    [Scenario]
    public static Task AddUp(Account account) => Gives(account, "SELECT VALUE SUM(c.total) FROM c WHERE c.state = 'complete'", 30);

    [Scenario]
    public static Task TakeTheMean(Account account) => Gives(account, "SELECT VALUE AVG(c.total) FROM c", 4.5);

    [Scenario]
    public static Task TakeDistinctValues(Account account) => Gives(account, "SELECT DISTINCT VALUE c.customer FROM c", "ann", "bob");

    [Scenario]
    public static async Task Group(Account account)
    {
        var groups = await All<JObject>(await account.Orders(), "SELECT c.state, COUNT(1) AS n FROM c GROUP BY c.state");
        Expect.Sequence(["complete 4", "placed 6"], groups.Select(group => $"{group["state"]} {group["n"]}").Order(), "groups");
    }

    [Scenario]
    public static Task Join(Account account) =>
        Gives(account, "SELECT VALUE i.quantity FROM c JOIN i IN c.items WHERE i.name = 'toy0'", 0, 3, 6, 9);

    [Scenario]
    public static Task LookIntoArrays(Account account) =>
        Gives(account, "SELECT VALUE c.id FROM c WHERE EXISTS(SELECT VALUE i FROM i IN c.items WHERE i.quantity > 7)", "o8", "o9");

    [Scenario]
    public static Task TakeParts(Account account) => Gives(account, "SELECT VALUE c.id FROM c WHERE c.id LIKE 'o%' AND c.total IN (1, 2, '3')", "o1", "o2");

    [Scenario]
    public static async Task TakeParameters(Account account)
    {
        var query = new QueryDefinition("SELECT VALUE c.id FROM c WHERE c.customer = @customer AND c.total BETWEEN @from AND @to")
            .WithParameter("@customer", "bob").WithParameter("@from", 2).WithParameter("@to", 6.5);
        var container = await account.Orders();
        Expect.Sequence(["o3", "o5"], await All(container.GetItemQueryIterator<string>(query)), "ids");
    }

    [Scenario]
    public static async Task StayInTheirPartition(Account account)
    {
        var container = await account.Orders();
        Expect.Sequence([5], await All<int>(container, "SELECT VALUE COUNT(1) FROM c", OfAnn), "count");
        Expect.Sequence(["o8", "o6"], await All<string>(container, "SELECT TOP 2 VALUE c.id FROM c ORDER BY c.total DESC", OfAnn), "order");
    }

    [Scenario]
    public static async Task ComeInPages(Account account)
    {
        var container = await account.Orders();
        var sizes = new List<int>();
        string? token = null;
        do
        {
            var options = new QueryRequestOptions { MaxItemCount = 4 };
            using var pages = container.GetItemQueryIterator<Order>("SELECT * FROM c ORDER BY c.total", token, options);
            var page = await pages.ReadNextAsync();
            sizes.Add(page.Count);
            Expect.True(page.RequestCharge > 0, "charge");
            token = page.ContinuationToken;
        } while (token is not null);
        Expect.Sequence([4, 4, 2], sizes, "sizes");
    }

    [Scenario]
    public static async Task TellTheirMetrics(Account account)
    {
        var container = await account.Orders();
        using var pages = container.GetItemQueryIterator<Order>("SELECT * FROM c WHERE c.total > 7", requestOptions: new() { PopulateIndexMetrics = true });
        var page = await pages.ReadNextAsync();
        Expect.Equal(2, page.Count, "results");
        Expect.Equal(2L, page.Diagnostics.GetQueryMetrics().CumulativeMetrics.OutputDocumentCount, "documents by the metrics");
    }

    [Scenario]
    public static async Task AreRefusedInWords(Account account)
    {
        var container = await account.Orders();
        var error = await Expect.Fails(HttpStatusCode.BadRequest, () => All<Order>(container, "SELECT * FROM c WHERE c.order = 1"), "syntax");
        Expect.True(error.Message.Contains("Syntax error, incorrect syntax near 'order'."), error.Message);
        error = await Expect.Fails(HttpStatusCode.BadRequest, () => All<Order>(container, "SELECT x.id FROM c"), "name");
        Expect.True(error.Message.Contains("Identifier 'x' could not be resolved."), error.Message);
    }

    [Scenario]
    public static async Task WithoutTheirIndexAreRefused(Account account)
    {
        var container = await account.Orders();
        var error = await Expect.Fails(HttpStatusCode.BadRequest, () => All<Order>(container, "SELECT * FROM c ORDER BY c.total, c.customer"), "composite");
        Expect.True(error.Message.Contains("does not have a corresponding composite index"), error.Message);
        error = await Expect.Fails(HttpStatusCode.BadRequest, () => All<Order>(container, "SELECT * FROM c ORDER BY c.items"), "excluded");
        Expect.True(error.Message.Contains("is excluded"), error.Message);
    }

    static async Task<List<T>> Linq<T>(Account account, Func<IQueryable<Order>, IQueryable<T>> query) =>
        await All(query((await account.Orders()).GetItemLinqQueryable<Order>(linqSerializerOptions: null)).ToFeedIterator());

    [Scenario]
    public static async Task ByLinqFilter(Account account) =>
        Expect.Sequence(["o7", "o9"], await Linq(account, orders => orders.Where(order => order.Customer == "bob" && order.Total > 5).Select(order => order.Id)), "ids");

    [Scenario]
    public static async Task ByLinqOrder(Account account) =>
        Expect.Sequence(["o9", "o8"], (await Linq(account, orders => orders.OrderByDescending(order => order.Total).Take(2))).Select(order => order.Id), "ids");

    [Scenario]
    public static async Task ByLinqSkip(Account account) =>
        Expect.Sequence(["o2", "o3"], (await Linq(account, orders => orders.OrderBy(order => order.Id).Skip(2).Take(2))).Select(order => order.Id), "ids");

    [Scenario]
    public static async Task ByLinqProject(Account account)
    {
        var found = await Linq(account, orders => orders.Where(order => order.Id == "o1").Select(order => new { order.Id, Double = order.Total * 2 }));
        Expect.Equal(2.0, found.Single().Double, "double");
    }

    [Scenario]
    public static async Task ByLinqLookIntoArrays(Account account)
    {
        Expect.Sequence([0, 3, 6, 9], await Linq(account, orders => orders.SelectMany(order => order.Items.Where(item => item.Name == "toy0").Select(item => item.Quantity))), "SelectMany");
        Expect.Sequence(["o9"], await Linq(account, orders => orders.Where(order => order.Items.Any(item => item.Quantity == 9)).Select(order => order.Id)), "Any");
    }

    [Scenario]
    public static async Task ByLinqCompareText(Account account)
    {
        string[] wanted = ["o1", "o2"];
        Expect.Sequence(["o1", "o2"], await Linq(account, orders => orders.Where(order => wanted.Contains(order.Id)).Select(order => order.Id)), "Contains");
        Expect.Sequence(["o3"], await Linq(account, orders => orders.Where(order => order.Id.ToUpper().StartsWith("O3")).Select(order => order.Id)), "StartsWith");
    }

    [Scenario]
    public static async Task ByLinqCount(Account account)
    {
        var orders = (await account.Orders()).GetItemLinqQueryable<Order>();
        Expect.Equal(6, (await orders.Where(order => order.State == "placed").CountAsync()).Resource, "count");
        Expect.Equal(45.0, (await orders.Select(order => order.Total ?? 0).SumAsync()).Resource, "sum");
        Expect.Equal(9.0, (await orders.Select(order => order.Total ?? 0).MaxAsync()).Resource, "max");
    }

    [Scenario]
    public static async Task ByLinqTakeDistinctValues(Account account) =>
        Expect.Sequence(["complete", "placed"], (await Linq(account, orders => orders.Select(order => order.State).Distinct())).Order(), "states");
}
